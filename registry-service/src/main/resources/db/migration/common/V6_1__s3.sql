-- How far uploads to S3 are: parts that S3 has, and an object with the rest that is too short for one.
create table s3_upload (
    id uuid primary key,
    multipart varchar(1024),
    part_bytes bigint not null,
    tail varchar(255),
    tail_bytes bigint not null,
    touched_at timestamp(6) with time zone not null,
    -- Who changes it at present, until when unless the process says that it lives.
    claimed_by varchar(64),
    claimed_process varchar(64),
    claimed_until timestamp(6) with time zone
);
create index s3_upload_claimed on s3_upload (claimed_process);
create index s3_upload_tail on s3_upload (tail);
create table s3_upload_part (
    upload_id uuid not null references s3_upload (id),
    number integer not null,
    tag varchar(255) not null,
    primary key (upload_id, number)
);
