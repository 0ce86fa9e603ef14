import { Duration } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { DatabaseInsightsMode, PerformanceInsightRetention } from 'aws-cdk-lib/aws-rds';
import type { Construct } from 'constructs';

/** Enhanced monitoring every minute, and Performance Insights for the free seven days. */
export function monitoring(scope: Construct, key: IKey, { insights }: { insights: boolean }) {
  return {
    monitoringInterval: Duration.minutes(1),
    // RDS rejects a role with fewer permissions than this AWS managed policy: "does not include the required permissions
    // for: ENHANCED_MONITORING". The policy allows only writing to RDS's own log groups.
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
