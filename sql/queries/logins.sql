-- title: Logins: who connected from where, accepted, refused or gone into TLS
-- description: One line per user, client address, program and outcome. After the switch to TLS the user is not readable.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: client String =
-- parameter: limit UInt32 = 100
SELECT
    user_name,
    client_address,
    client_program,
    server_id,
    status,
    is_tls,
    count() AS logins,
    min(event_time) AS first_event,
    max(event_time) AS last_event
FROM audit
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({user:String} = '' OR user_name = {user:String})
  AND ({user:String} = '' OR user_name_captured IN ({user:String}, ''))
  AND ({client:String} = '' OR client_address = {client:String})
  AND command = 'connect'
GROUP BY user_name, client_address, client_program, server_id, status, is_tls
ORDER BY logins DESC, user_name, client_address, client_program, server_id, status, is_tls
LIMIT {limit:UInt32}
