/** Source and type of the event. Users' rules match them: they never change. */
export const readyEventSource = 'sluice';
export const readyEventType = 'Image ready';

/** Payload of the event. Consumers query the API for more, or read `derived/<tenant>/<id>/` of the bucket. */
export interface ReadyEventDetail {
  bucket: string;
  tenant: string;
  id: string;
}
