-- title: Findings: statements and logins that matched a rule, the gravest first
-- description: One line per rule, user and client.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: database String =
-- parameter: client String =
-- parameter: limit UInt32 = 100
SELECT
    max(risk_level) AS risk,
    rule_id,
    user_name,
    client_address,
    count() AS events,
    min(event_time) AS first_event,
    max(event_time) AS last_event,
    any(statement_masked) AS statement_masked
FROM audit
ARRAY JOIN rule_ids AS rule_id
WHERE event_time >= {since:DateTime64(6, 'UTC')} AND event_time <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR server_id = {server:String})
  AND ({user:String} = '' OR user_name = {user:String})
  AND ({database:String} = '' OR database_name = {database:String})
  AND ({client:String} = '' OR client_address = {client:String})
GROUP BY rule_id, user_name, client_address
ORDER BY risk DESC, events DESC, rule_id, user_name, client_address
LIMIT {limit:UInt32}
