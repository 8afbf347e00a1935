-- What scheduled detections ask: the audit trail without unmasked text. sample is what a finding shows of an event. severity: 0, the
-- rule's own level; a detection may replace it (1 info … 5 critical). client_network: /24 of
-- IPv4, /64 of IPv6. verb_class: ddl, dcl, admin, file, or empty for everyday work. schemas: of the tables named.
CREATE VIEW detection_facts AS
SELECT
    event_time,
    server_id,
    connection_uid,
    client_address,
    user_name,
    database_name,
    client_program,
    is_tls,
    command,
    statement_kind,
    statement_masked,
    statement_digest,
    tables,
    status,
    error_code,
    error_message_masked,
    affected_rows,
    returned_rows,
    response_bytes,
    duration_us,
    rule_ids,
    if(isIPv4String(client_address), IPv4NumToStringClassC(toIPv4OrDefault(client_address)), toString(tupleElement(IPv6CIDRToRange(toIPv6OrDefault(client_address), 64), 1))) AS client_network,
    multiIf(
        match(statement_kind, '^(create|alter|drop|rename)_(user|role|server)$') OR statement_kind IN ('grant', 'revoke', 'set_password'), 'dcl',
        match(statement_kind, '^(create|alter|drop|rename)_') OR statement_kind = 'truncate', 'ddl',
        statement_kind IN ('load_data', 'load_xml') OR match(statement_masked, '(?i)\\binto\\s+(outfile|dumpfile)\\b'), 'file',
        statement_kind IN ('flush', 'kill', 'shutdown', 'reset', 'purge', 'restart', 'clone') OR match(statement_kind, '^(install|uninstall|change|start|stop)_')
            OR match(statement_masked, '(?i)^\\s*set\\s+(global|persist|@@global\\.)'), 'admin',
        '') AS verb_class,
    arrayDistinct(arrayMap(name -> if(position(name, '.') > 0, splitByChar('.', name)[1], database_name), tables)) AS schemas,
    toUInt8(0) AS severity,
    tuple(event_time, toString(event_id), connection_uid, command, statement_digest, left(statement_masked, 1000), error_code, left(error_message_masked, 300), returned_rows) AS sample
FROM audit
