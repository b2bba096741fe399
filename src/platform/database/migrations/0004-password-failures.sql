-- Wrong passwords by account, whatever address they come from. Of every e-mail that was tried, whether
-- it has an account or not, so that being refused tells nothing; so there is no organisation to name.

create table password_failures (
  email_hash  bytea primary key,
  failures    integer not null,
  -- Of the first; they count together for a few minutes.
  since       timestamptz not null
);
