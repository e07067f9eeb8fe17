import type { fromJSON } from '@grpc/proto-loader';

/**
 * The messages of the kubelet's PodResources API, version 1, as far as they are read: what else an answer has is skipped
 * (kubernetes: staging/src/k8s.io/kubelet/pkg/apis/podresources/v1/api.proto). In the JSON form of protobuf.js, so that
 * no file has to be found at run time.
 */
export const POD_RESOURCES_SCHEMA: Parameters<typeof fromJSON>[0] = {
  nested: {
    v1: {
      nested: {
        PodResourcesLister: {
          methods: {
            List: { requestType: 'ListPodResourcesRequest', responseType: 'ListPodResourcesResponse', comment: '' },
          },
        },
        ListPodResourcesRequest: { fields: {} },
        ListPodResourcesResponse: { fields: { podResources: { rule: 'repeated', type: 'PodResources', id: 1 } } },
        PodResources: {
          fields: {
            name: { type: 'string', id: 1 },
            namespace: { type: 'string', id: 2 },
            containers: { rule: 'repeated', type: 'ContainerResources', id: 3 },
          },
        },
        ContainerResources: {
          fields: {
            name: { type: 'string', id: 1 },
            devices: { rule: 'repeated', type: 'ContainerDevices', id: 2 },
            dynamicResources: { rule: 'repeated', type: 'DynamicResource', id: 5 },
          },
        },
        ContainerDevices: {
          fields: { resourceName: { type: 'string', id: 1 }, deviceIds: { rule: 'repeated', type: 'string', id: 2 } },
        },
        DynamicResource: { fields: { claimResources: { rule: 'repeated', type: 'ClaimResource', id: 4 } } },
        ClaimResource: { fields: { driverName: { type: 'string', id: 2 }, deviceName: { type: 'string', id: 4 } } },
      },
    },
  },
};

/** The answer of List. What a message lacks is '' or [], as proto3 has it. */
export interface PodResourcesAnswer {
  readonly podResources: readonly PodResources[];
}

export interface PodResources {
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly ContainerResources[];
}

export interface ContainerResources {
  readonly name: string;
  /** Given by device plugins. */
  readonly devices: readonly { readonly resourceName: string; readonly deviceIds: readonly string[] }[];
  /** Given by drivers of dynamic resource allocation. */
  readonly dynamicResources: readonly {
    readonly claimResources: readonly { readonly driverName: string; readonly deviceName: string }[];
  }[];
}
