import type { Endpoint } from './endpoint.ts';
import { json } from './response.ts';

/** `GET /health`: the function runs. It asks nothing of the database, so an outage there does not take the API down. */
export const getHealth: Endpoint<'health'> = async () => json(200, { status: 'ok' });
