-- Lists are in byte order, whatever the database's locale.
alter table repository alter column name type varchar(255) collate "C";
alter table tag alter column name type varchar(128) collate "C";
