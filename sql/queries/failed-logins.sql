-- title: Failed logins: refused users by client, as guessing of passwords leaves them
-- description: Refused connects and refused changes of user; how many users one client tried shows enumeration.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: client String =
-- parameter: limit UInt32 = 100
SELECT
    client_address,
    server_id,
    count() AS failures,
    uniqExact(user_name) AS users_tried,
    arraySort(groupUniqArray(10)(user_name)) AS users,
    arraySort(groupUniqArray(10)(error_code)) AS error_codes,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM audit
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({user:String} = '' OR user_name = {user:String})
  AND ({user:String} = '' OR user_name_captured IN ({user:String}, ''))
  AND ({client:String} = '' OR client_address = {client:String})
  AND command IN ('connect', 'change_user') AND status = 'error'
GROUP BY client_address, server_id
ORDER BY failures DESC, client_address, server_id
LIMIT {limit:UInt32}
