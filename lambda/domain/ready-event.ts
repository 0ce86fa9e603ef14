/** What marks the event among others on its bus. Rules of users match by these: they never change. */
export const readyEventSource = 'sluice';
export const readyEventType = 'Image ready';

/** What the event says. Whoever wants more asks the API, or reads `derived/<tenant>/<id>/` of the bucket. */
export interface ReadyEventDetail {
  bucket: string;
  tenant: string;
  id: string;
}
