-- Webinars: hosts, co-hosts and presenters are on stage; a member who is an attendee views.
alter table meetings add column kind text not null default 'meeting' check (kind in ('meeting', 'webinar'));

alter table meeting_members drop constraint meeting_members_role_check;
alter table meeting_members add constraint meeting_members_role_check check (role in ('host', 'co-host', 'presenter', 'attendee'));
