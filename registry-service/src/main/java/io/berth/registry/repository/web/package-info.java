/**
 * Routing of repository names, the version check and the catalog.
 */
@NullMarked
package io.berth.registry.repository.web;

import org.jspecify.annotations.NullMarked;
