import { Duration } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { DatabaseInsightsMode, PerformanceInsightRetention } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';

/**
 * What RDS writes down of the server: the processes of the operating system each minute, and the waits of the last
 * seven days, which cost nothing.
 */
export function monitoring(scope: Construct, key: IKey, { insights }: { insights: boolean }) {
  return {
    monitoringInterval: Duration.minutes(1),
    // RDS refuses a role that may do less than AWS's own policy for it: "does not include the required permissions
    // for: ENHANCED_MONITORING". That policy writes to RDS's own log groups and nothing else.
    monitoringRole: new Role(scope, 'MonitoringRole', {
      assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole'),
      ],
    }),
    ...(insights
      ? {
          enablePerformanceInsights: true,
          performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
          performanceInsightEncryptionKey: key,
          databaseInsightsMode: DatabaseInsightsMode.STANDARD,
        }
      : {}),
  };
}
