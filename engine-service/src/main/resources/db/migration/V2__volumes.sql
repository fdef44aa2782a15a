-- One row for each volume; its files are below <data-dir>/volumes/<name>/_data. Labels and options are JSON objects, or null
-- when none were given.
create table volume (
    name       varchar(255) not null primary key,
    labels     varchar(1000000),
    options    varchar(1000000),
    created_at timestamp(6) with time zone not null
);
