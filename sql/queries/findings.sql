-- title: Findings: what rules found, the gravest first
-- description: One line per area of rules, account, client, database and hour, merged over everything that counted it, with what was decided of
-- description: it. `sqltrail findings show ID` looks into one.
-- parameter: since DateTime64(6, 'UTC') = 1970-01-01 00:00:00
-- parameter: until DateTime64(6, 'UTC') = 2106-02-07 06:28:15.999999
-- parameter: server String =
-- parameter: user String =
-- parameter: database String =
-- parameter: client String =
-- parameter: limit UInt32 = 100
SELECT
    f.severity AS severity,
    f.score AS score,
    f.rule_id AS rule_id,
    f.rule_title AS rule_title,
    f.rules.rule_id AS rule_ids,
    f.server_id AS server_id,
    f.user_name AS user_name,
    f.client_address AS client_address,
    f.database_name AS database_name,
    f.events AS events,
    f.errors AS errors,
    f.returned_rows AS returned_rows,
    f.first_seen AS first_seen,
    f.last_seen AS last_seen,
    f.status AS status,
    f.samples.statement_masked[1] AS statement_masked,
    f.finding_id AS finding_id
FROM findings AS f
WHERE f.last_seen >= {since:DateTime64(6, 'UTC')} AND f.first_seen <= {until:DateTime64(6, 'UTC')}
  AND ({server:String} = '' OR f.server_id = {server:String})
  AND ({user:String} = '' OR f.user_name = {user:String})
  AND ({database:String} = '' OR f.database_name = {database:String})
  AND ({client:String} = '' OR f.client_address = {client:String})
ORDER BY f.severity DESC, f.score DESC, f.last_seen DESC, f.finding_id
LIMIT {limit:UInt32}
