-- The ledger as it stands: of each entry its newest version.
CREATE VIEW ledger_entries AS
SELECT minute, server_id, stage, origin, ordinal, unit, taken_in, passed_on, open, lost, impaired, version
FROM ledger FINAL
