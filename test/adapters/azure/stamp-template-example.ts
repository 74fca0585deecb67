/** A template as an operator would give it, as small as it can be: the group with its tags, and in it what the pools need. */
export const stampTemplate = {
  $schema: 'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  parameters: {
    location: { type: 'string' },
    stamp: { type: 'string' },
    resourceGroup: { type: 'string' },
    tags: { type: 'object' },
    host: { type: 'string' },
    pools: { type: 'array' },
  },
  resources: [
    {
      type: 'Microsoft.Resources/resourceGroups',
      apiVersion: '2024-07-01',
      name: "[parameters('resourceGroup')]",
      location: "[parameters('location')]",
      tags: "[parameters('tags')]",
    },
  ],
}
