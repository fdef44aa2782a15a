-- health: what probes found (JSON), null without a health check or before the first start.
-- restart_delay_millis: how long the restart policy waited, or waits, before the last or next start; zero when it has not acted.
alter table container add column health varchar(1000000);
alter table container add column restart_delay_millis bigint default 0 not null;
