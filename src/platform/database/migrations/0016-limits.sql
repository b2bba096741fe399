-- What one person has begun lately, and all files of one person: asked at each conversation and each upload.
create index conversations_creator on conversations (org_id, created_by, created_at) where created_by is not null;
drop index attachments_uploader;
create index attachments_uploader on attachments (org_id, uploaded_by) include (size, message_number, key);
