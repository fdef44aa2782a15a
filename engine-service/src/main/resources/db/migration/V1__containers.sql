-- One row for each container. "spec" is what was asked for at create (JSON, changed by update only);
-- the other columns change with the container's state. Long texts are varchar, since H2 keeps a text column (a CLOB) apart from
-- its row.
create table container (
    id              varchar(64)  not null primary key,
    name            varchar(255) not null unique,
    spec            varchar(1000000) not null,
    status          varchar(16)  not null,
    pid             bigint       not null,
    start_ticks     bigint       not null,
    boot_id         varchar(64)  not null,
    exit_code       integer      not null,
    error           varchar(1000000) not null,
    oom_killed      boolean      not null,
    started_at      timestamp(6) with time zone,
    finished_at     timestamp(6) with time zone,
    restart_count   integer      not null,
    stopped_by_user boolean      not null
);
