import { databasePassword } from '../aws/database-auth.ts';
import { openExportFiles } from '../aws/export-files.ts';
import { connect } from '../postgres/connection/connection.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import { openLogger } from '../runtime/logger.ts';
import { functionEnvironment } from './environment.ts';
import { workOnExports } from './work.ts';

const environment = readEnvironment(functionEnvironment);
const log = openLogger('exportjob');
const options = {
  environment,
  password: () => databasePassword(environment),
  applicationName: 'sluice-exportjob',
};
const files = openExportFiles({ bucketName: environment.BUCKET_NAME });

/** Invoked by the schedule; the event is ignored. */
export const handler = lambdaHandler(log, (_event: unknown, remaining) =>
  workOnExports({ connect: () => connect(options), files, log }, remaining),
);
