import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Runs the file that destroys the deployment last; otherwise vitest's order. */
export class DeploymentLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLast = ({ moduleId }: TestSpecification) =>
      moduleId.endsWith('/test/behaviour/deployment.test.ts');
    return [...sorted.filter((file) => !isLast(file)), ...sorted.filter(isLast)];
  }
}
