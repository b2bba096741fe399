-- How often a node has taken it up since a step of it was through: what ends the server each time is given up.
alter table recordings add column starts integer not null default 0;
