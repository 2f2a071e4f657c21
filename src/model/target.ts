/** Where the diagnosis points. */
export interface Target {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  readonly endpoint?: string;
  readonly deployment?: string;
}
