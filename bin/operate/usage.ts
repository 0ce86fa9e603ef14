export const usage = `npm run operate -- <command> [options]

Looks after tenants, keys and images of a deployment, without a way into its database.

  tenants list [--after NAME]        tenants, and how many keys open each
  tenants create NAME                makes a tenant with a key, which is told once; for one that is there, another key
  keys list TENANT                   keys by their id, never themselves
  keys find KEY                      whose key it is: the key itself, its id, or - to read the key from standard input
  keys create TENANT                 a key more
  keys revoke TENANT KEY             ends one key: the key itself, its id, or -
  keys revoke TENANT --all           ends all of them
  keys rotate TENANT [--overlap 24h] a new key; the others end now, or after so long (s, m, h, d; at most 30d)
  image ID                           where an image is, and what happens next with it
  images unfinished|failed|rejected TENANT [--limit 20]
                                     unfinished ones oldest first, those that ended badly newest first
  migrate                            migrates by hand, as each deploy does

  --stage NAME      of the deployment; dev unless told, as with -c stage=…
  --function NAME   the function itself, where the stack has another name
  --profile NAME, --region NAME
  --json            what the function answered
  --help

AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL (LocalStack) do what they always do. It needs the rights
cloudformation:DescribeStacks and lambda:InvokeFunction. Ends with 1 where it could not be done, with 2 for a mistake in
the command.`;
