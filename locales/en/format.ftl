### Dates, sizes and durations. $one and $two are the larger and the smaller unit.

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-short-1 = Jan
month-short-2 = Feb
month-short-3 = Mar
month-short-4 = Apr
month-short-5 = May
month-short-6 = Jun
month-short-7 = Jul
month-short-8 = Aug
month-short-9 = Sep
month-short-10 = Oct
month-short-11 = Nov
month-short-12 = Dec
weekday-short-1 = Mon
weekday-short-2 = Tue
weekday-short-3 = Wed
weekday-short-4 = Thu
weekday-short-5 = Fri
weekday-short-6 = Sat
weekday-short-7 = Sun

day-today = today
day-yesterday = yesterday
date-long = { $day } { $month } { $year }
date-short = { $weekday } { $day } { $short_month }
date-short-year = { $day } { $short_month } { $year }
date-and-time = { $date }, { $time }

size-bytes = { $size } bytes
size-kilobytes = { $size } KB
size-megabytes = { $size } MB
size-gigabytes = { $size } GB

percent = { $value }%

duration-milliseconds = { $one } ms
duration-seconds = { $one } s
duration-minutes = { $one } min
duration-minutes-seconds = { $one } min { $two } s
duration-hours = { $one } h
duration-hours-minutes = { $one } h { $two } min
duration-days = { $one } d
duration-days-hours = { $one } d { $two } h
