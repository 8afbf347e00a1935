-- Findings as OCSF 1.4 has them: class Detection Finding (2004), with the profile Security Control. One row is one event; as JSON
-- (FORMAT JSONEachRow) it is what a reader of OCSF expects. Times are ms since the epoch.
CREATE VIEW ocsf_detection_findings AS
SELECT
    toUInt8(2) AS category_uid,
    'Findings' AS category_name,
    toUInt32(2004) AS class_uid,
    'Detection Finding' AS class_name,
    toUInt8(multiIf(f.status = 'false_positive', 3, f.status = 'acknowledged', 2, 1)) AS activity_id,
    ['Create', 'Update', 'Close'][activity_id] AS activity_name,
    toUInt32(200400 + activity_id) AS type_uid,
    concat('Detection Finding: ', activity_name) AS type_name,
    toUInt8(f.severity) AS severity_id,
    ['Informational', 'Low', 'Medium', 'High', 'Critical'][severity_id] AS severity,
    toUInt8(multiIf(f.status = 'false_positive', 3, f.status = 'acknowledged', 2, 1)) AS status_id,
    ['New', 'In Progress', 'Suppressed'][status_id] AS status,
    f.reason AS status_detail,
    toUnixTimestamp64Milli(f.first_seen) AS time,
    toUnixTimestamp64Milli(f.first_seen) AS start_time,
    toUnixTimestamp64Milli(f.last_seen) AS end_time,
    f.events AS count,
    f.rule_title AS message,
    status_id = 1 AND f.severity >= 'medium' AS is_alert,
    toUInt32(f.score) AS risk_score,
    toUInt8(multiIf(arrayMax(f.rules.confidence) >= 0.9, 3, arrayMax(f.rules.confidence) >= 0.7, 2, 1)) AS confidence_id,
    ['Low', 'Medium', 'High'][confidence_id] AS confidence,
    toUInt8(round(100 * arrayMax(f.rules.confidence))) AS confidence_score,
    toUInt8(3) AS action_id,
    'Observed' AS action,
    toUInt8(15) AS disposition_id,
    'Detected' AS disposition,
    CAST(tuple('1.4.0', tuple('sqltrail', 'sqltrail'), ['security_control'], toString(f.finding_id)), 'Tuple(version String, product Tuple(name String, vendor_name String), profiles Array(String), uid String)') AS metadata,
    arrayMap(tag -> CAST(tuple('16.1', tuple(upper(splitByChar('.', tag)[2]), CAST(NULL, 'Nullable(String)')), tuple(if(length(splitByChar('.', tag)) > 2, upper(substring(tag, 8)), CAST(NULL, 'Nullable(String)')))), 'Tuple(version String, technique Tuple(uid String, name Nullable(String)), sub_technique Tuple(uid Nullable(String)))'), arrayFilter(tag -> match(tag, '^attack\\.t\\d'), f.attack_tags)) AS attacks,
    CAST(tuple(toString(f.finding_id), f.rule_title, arrayStringConcat(f.rules.title, '; '), [f.area], toUnixTimestamp64Milli(f.first_seen), toUnixTimestamp64Milli(f.last_seen), tuple(toUInt8(1), 'Rule', f.rule_id, f.rule_title), arrayMap(rule -> tuple(toUInt8(1), 'Rule', rule.rule_id, rule.title), arraySlice(f.rules, 2)), attacks), 'Tuple(uid String, title String, desc String, types Array(String), first_seen_time Int64, last_seen_time Int64, analytic Tuple(type_id UInt8, type String, uid String, name String), related_analytics Array(Tuple(type_id UInt8, type String, uid String, name String)), attacks Array(Tuple(version String, technique Tuple(uid String, name Nullable(String)), sub_technique Tuple(uid Nullable(String)))))') AS finding_info,
    arrayMap(sample -> CAST(tuple(tuple(f.client_address), tuple(f.server_id), tuple(tuple(f.user_name), f.client_program), tuple(f.database_name, 'MySQL'), tuple(sample.statement_masked, sample.statement_digest, sample.error_code, sample.error_message_masked, sample.returned_rows), sample.event_id), 'Tuple(src_endpoint Tuple(ip String), dst_endpoint Tuple(name String), actor Tuple(user Tuple(name String), app_name String), database Tuple(name String, type String), data Tuple(query String, query_digest String, error_code UInt16, error_message String, returned_rows UInt64), uid String)'), f.samples) AS evidences,
    arrayFilter(each -> each.3 != '', [
        CAST(tuple('evidences.src_endpoint.ip', toUInt8(2), f.client_address, 'IP Address'), 'Tuple(name String, type_id UInt8, value String, type String)'),
        CAST(tuple('evidences.actor.user.name', toUInt8(4), f.user_name, 'User Name'), 'Tuple(name String, type_id UInt8, value String, type String)')]) AS observables
FROM findings AS f
