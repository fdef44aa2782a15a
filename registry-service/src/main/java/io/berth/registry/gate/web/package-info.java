/**
 * The way into the registry: credentials, route rules, challenges and the token endpoint.
 */
@NullMarked
package io.berth.registry.gate.web;

import org.jspecify.annotations.NullMarked;
