-- One row for each secret or config ("kind"). Values are not here but in sealed files, <data-dir>/secrets/<id>.
create table secret (
    id         varchar(25)  not null primary key,
    kind       varchar(6)   not null,
    name       varchar(64)  not null,
    labels     varchar(1000000) not null,
    version    bigint       not null,
    created_at timestamp(6) with time zone not null,
    updated_at timestamp(6) with time zone not null,
    unique (kind, name)
);
