-- Runs outside a transaction.
--
-- Deliveries that have no end yet, by the begin of their 24 hours: also those whose result was lost, which an endpoint that is
-- disabled meanwhile would keep for ever. The release before asks for a part of them by the same index, so its own can go.
create index concurrently if not exists webhook_delivery_unfinished on webhook_delivery (since)
  where state in ('pending', 'sent');
drop index concurrently if exists webhook_delivery_too_old;
