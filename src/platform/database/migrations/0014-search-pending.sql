-- New terms wait in a list until they are sorted into the index, by whoever finds the list full. A short
-- list (512 kB), so that this never keeps a core busy for seconds while messages are written.
alter index message_search_terms set (gin_pending_list_limit = 512);
