/** The service of this name or alias (case-insensitive, as host names are). */
export function findService(inventory, name) {
    const wanted = name.toLowerCase();
    for (const service of inventory.services.values()) {
        if (service.name.toLowerCase() === wanted)
            return service;
        if (service.aliases.some((alias) => alias.toLowerCase() === wanted))
            return service;
    }
    return undefined;
}
