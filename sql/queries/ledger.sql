-- title: Ledger: what each stage took in, passed on and lost, and for what reasons
-- description: One line per server, stage and unit. unaccounted is 0 where taken_in = passed_on + open + lost, as it must be.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: limit UInt32 = 1000
SELECT
    server_id,
    stage,
    unit,
    sum(e.taken_in) AS taken_in,
    sum(e.passed_on) AS passed_on,
    sum(e.open) AS open,
    sum(arraySum(mapValues(e.lost))) AS lost,
    toInt64(taken_in) - toInt64(passed_on) - toInt64(open) - toInt64(lost) AS unaccounted,
    sumMap(e.lost) AS reasons,
    uniqExact(origin) AS origins,
    min(minute) AS first_minute,
    max(minute) AS last_minute
FROM ledger_entries AS e
WHERE minute >= toStartOfMinute({since:DateTime64(6, 'UTC')}) AND minute <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
GROUP BY server_id, stage, unit
ORDER BY server_id, indexOf(['edge', 'decode', 'identify', 'mask', 'detect', 'store', 'alert'], stage), unit
LIMIT {limit:UInt32}
