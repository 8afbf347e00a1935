-- Findings in the Elastic Common Schema 8.11: one row per finding, as JSON (FORMAT JSONEachRow) a document.
CREATE VIEW ecs_findings AS
SELECT
    formatDateTime(f.last_seen, '%Y-%m-%dT%H:%i:%S.%fZ') AS `@timestamp`,
    f.rule_title AS message,
    CAST(tuple('8.11.0'), 'Tuple(version String)') AS ecs,
    CAST(tuple('alert', ['database', 'intrusion_detection'], multiIf(f.affected_rows > 0, ['change'], f.accepted = 0 AND f.errors > 0, ['denied'], ['access']), multiIf(f.accepted > 0, 'success', f.errors > 0, 'failure', 'unknown'), toUInt8(f.severity) * 20, toFloat32(f.score), toString(f.finding_id), formatDateTime(f.first_seen, '%Y-%m-%dT%H:%i:%S.%fZ'), formatDateTime(f.last_seen, '%Y-%m-%dT%H:%i:%S.%fZ'), 'sqltrail', 'sqltrail.findings', f.reason), 'Tuple(kind String, category Array(String), type Array(String), outcome String, severity UInt8, risk_score Float32, id String, start String, end String, module String, dataset String, reason String)') AS event,
    CAST(tuple(f.rule_id, f.rule_title, f.area, 'sqltrail'), 'Tuple(id String, name String, category String, ruleset String)') AS rule,
    CAST(tuple('MITRE ATT&CK', tuple(arrayMap(tag -> replaceAll(substring(tag, 8), '_', ' '), arrayFilter(tag -> match(tag, '^attack\\.[a-z_]+$'), f.attack_tags))), tuple(arrayDistinct(arrayMap(tag -> upper(splitByChar('.', tag)[2]), arrayFilter(tag -> match(tag, '^attack\\.t\\d'), f.attack_tags))), tuple(arrayMap(tag -> upper(substring(tag, 8)), arrayFilter(tag -> match(tag, '^attack\\.t\\d+\\.'), f.attack_tags))))), 'Tuple(framework String, tactic Tuple(name Array(String)), technique Tuple(id Array(String), subtechnique Tuple(id Array(String))))') AS threat,
    CAST(tuple(f.client_address, f.client_address), 'Tuple(ip String, address String)') AS source,
    CAST(tuple(f.server_id), 'Tuple(address String)') AS destination,
    CAST(tuple(f.user_name), 'Tuple(name String)') AS user,
    CAST(tuple(if(f.samples.error_code[1] = 0, '', toString(f.samples.error_code[1])), f.samples.error_message_masked[1]), 'Tuple(code String, message String)') AS error,
    CAST(tuple(tuple(f.database_name, f.client_program, f.tables, f.samples.statement_masked, f.samples.statement_digest, f.rules.rule_id, f.events, f.returned_rows, f.affected_rows, f.status)), 'Tuple(mysql Tuple(database String, client_program String, tables Array(String), statements Array(String), digests Array(String), rules Array(String), events UInt64, returned_rows UInt64, affected_rows UInt64, status String))') AS sqltrail
FROM findings AS f
