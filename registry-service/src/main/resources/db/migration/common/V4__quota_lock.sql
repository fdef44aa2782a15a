-- One row for each quota, locked by whoever adds to what it covers.
create table quota_lock (
    prefix varchar(255) primary key
);
