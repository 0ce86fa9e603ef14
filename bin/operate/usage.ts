export const usage = `npm run operate -- <command> [options]

Manages tenants, keys, plans and images of a deployment, without access to its database.

  tenants list [--after NAME]        tenants with the number of their valid keys
  tenants create NAME                creates a tenant with a key, which is shown only once; an existing one gets another key
  keys list TENANT                   keys by their id, never the keys themselves
  keys find KEY                      the tenant of a key: the key itself, its id, or - to read the key from standard input
  keys create TENANT                 adds a key
  keys revoke TENANT KEY             ends one key: the key itself, its id, or -
  keys revoke TENANT --all           ends all keys
  keys rotate TENANT [--overlap 24h] adds a key; the others end now, or after this time (s, m, h, d; at most 30d)
  image ID                           the state of an image, and what happens next with it
  images unfinished|failed|rejected TENANT [--limit 20]
                                     unfinished images oldest first, failed and rejected ones newest first
  plans list                         plans, who set them, and how many tenants have them
  plans set NAME TERMS               creates or replaces a plan; JSON as in sluice.config.ts, or - to read it from standard input
  plans remove NAME                  its tenants then have the default plan
  plans give TENANT NAME             gives a tenant a plan; default takes it away
  quota TENANT                       the quotas of a tenant and what it has used
  usage TENANT [--hours 24]          images, variants, bytes, megapixels and seconds of the last hours
  audit verify TENANT [--after ANCHOR]
                                     checks the audit trail, or what came after the anchor that an earlier check printed
  migrate                            migrates by hand, as each deploy does

  --stage NAME      stage of the deployment, as with -c stage=…; default dev
  --function NAME   the function itself, if the stack has another name
  --profile NAME, --region NAME
  --json            the result of the function as JSON
  --help

AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL (LocalStack) work as usual. The caller needs cloudformation:DescribeStacks
and lambda:InvokeFunction. The exit code is 1 if the operation failed, and 2 for a mistake in the command.`;
