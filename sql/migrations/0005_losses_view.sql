-- What the audit trail does not know, duplicates collapsed.
CREATE VIEW losses AS
SELECT loss_time, loss_id, server_id, connection_uid, client_address, client_port, server_address, server_port, reason, from_client, from_byte, bytes
FROM loss_events FINAL
