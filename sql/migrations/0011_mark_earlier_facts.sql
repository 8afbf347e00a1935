-- Facts from before there were rollups.
INSERT INTO rollup_marks (server_id, minute) SETTINGS max_partitions_per_insert_block = 0 SELECT DISTINCT server_id, toStartOfMinute(event_time) FROM audit_events
