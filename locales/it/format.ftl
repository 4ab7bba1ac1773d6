### Date, dimensioni e durate. $one e $two sono l'unità maggiore e la minore.

month-1 = gennaio
month-2 = febbraio
month-3 = marzo
month-4 = aprile
month-5 = maggio
month-6 = giugno
month-7 = luglio
month-8 = agosto
month-9 = settembre
month-10 = ottobre
month-11 = novembre
month-12 = dicembre
month-short-1 = gen
month-short-2 = feb
month-short-3 = mar
month-short-4 = apr
month-short-5 = mag
month-short-6 = giu
month-short-7 = lug
month-short-8 = ago
month-short-9 = set
month-short-10 = ott
month-short-11 = nov
month-short-12 = dic
weekday-short-1 = lun
weekday-short-2 = mar
weekday-short-3 = mer
weekday-short-4 = gio
weekday-short-5 = ven
weekday-short-6 = sab
weekday-short-7 = dom

day-today = oggi
day-yesterday = ieri
date-long = { $day } { $month } { $year }
date-short = { $weekday } { $day } { $short_month }
date-short-year = { $day } { $short_month } { $year }
date-and-time = { $date }, { $time }

size-bytes = { $size } byte
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
duration-days = { $one } g
duration-days-hours = { $one } g { $two } h
