import type { APIGatewayProxyEvent } from 'aws-lambda';
import { databasePassword } from '../aws/database-auth.ts';
import { connect } from '../postgres/connection/connection.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { streamHandler } from '../runtime/stream-handler.ts';
import { functionEnvironment } from './environment.ts';
import { createStream } from './stream.ts';

const environment = readEnvironment(functionEnvironment);
const log = openLogger('export');
const options = {
  environment,
  password: () => databasePassword(environment),
  applicationName: 'sluice-export',
};

export const handler = streamHandler<APIGatewayProxyEvent>(
  log,
  createStream({
    connect: (signal) => connect(options, signal),
    origins: readSettings().gateway.origins,
    log,
  }),
);
