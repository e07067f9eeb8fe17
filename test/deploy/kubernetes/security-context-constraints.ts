/** A way to choose an identity, of OpenShift's constraints (openshift/api: security/v1/types.go). */
interface Strategy {
  readonly type: 'MustRunAs' | 'RunAsAny';
}

/** OpenShift's constraints on pods, the fields that the chart uses and those that are required. */
export interface ISecurityContextConstraints {
  readonly apiVersion: 'security.openshift.io/v1';
  readonly kind: 'SecurityContextConstraints';
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly priority: number | null;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly allowHostDirVolumePlugin: boolean;
  readonly allowHostIPC: boolean;
  readonly allowHostNetwork: boolean;
  readonly allowHostPID: boolean;
  readonly allowHostPorts: boolean;
  readonly allowPrivilegedContainer: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly defaultAllowPrivilegeEscalation?: boolean;
  readonly allowedCapabilities: readonly string[] | null;
  readonly defaultAddCapabilities: readonly string[] | null;
  readonly requiredDropCapabilities: readonly string[] | null;
  readonly readOnlyRootFilesystem: boolean;
  readonly runAsUser: { readonly type: 'MustRunAs' | 'MustRunAsNonRoot' | 'MustRunAsRange' | 'RunAsAny' };
  readonly seLinuxContext: Strategy;
  readonly fsGroup: Strategy;
  readonly supplementalGroups: Strategy;
  readonly seccompProfiles?: readonly string[];
  readonly volumes: readonly ('configMap' | 'downwardAPI' | 'emptyDir' | 'hostPath' | 'projected' | 'secret')[];
}
