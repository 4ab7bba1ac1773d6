### Daten, Größen und Dauern. $one und $two sind die größere und die kleinere Einheit.

month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember
month-short-1 = Jan.
month-short-2 = Feb.
month-short-3 = März
month-short-4 = Apr.
month-short-5 = Mai
month-short-6 = Juni
month-short-7 = Juli
month-short-8 = Aug.
month-short-9 = Sept.
month-short-10 = Okt.
month-short-11 = Nov.
month-short-12 = Dez.
weekday-short-1 = Mo
weekday-short-2 = Di
weekday-short-3 = Mi
weekday-short-4 = Do
weekday-short-5 = Fr
weekday-short-6 = Sa
weekday-short-7 = So

day-today = heute
day-yesterday = gestern
date-long = { $day }. { $month } { $year }
date-short = { $weekday } { $day }. { $short_month }
date-short-year = { $day }. { $short_month } { $year }
date-and-time = { $date }, { $time }

size-bytes = { $size } Bytes
size-kilobytes = { $size } KB
size-megabytes = { $size } MB
size-gigabytes = { $size } GB

percent = { $value } %

duration-milliseconds = { $one } ms
duration-seconds = { $one } s
duration-minutes = { $one } min
duration-minutes-seconds = { $one } min { $two } s
duration-hours = { $one } h
duration-hours-minutes = { $one } h { $two } min
duration-days = { $one } Tg.
duration-days-hours = { $one } Tg. { $two } h
