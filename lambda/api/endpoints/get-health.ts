import type { Endpoint } from '../http/endpoint.ts';
import { json } from '../http/response.ts';

/** `GET /health`: the function runs. It does not query the database, whose outage must not take the API down. */
export const getHealth: Endpoint<'health'> = async () => json(200, { status: 'ok' });
