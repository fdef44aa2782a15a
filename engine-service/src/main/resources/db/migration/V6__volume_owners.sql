-- The container that a volume without a name was made for and goes with. Null when it goes with none: when it has a name, or
-- when its container was removed without it.
alter table volume add column made_for varchar(64);
