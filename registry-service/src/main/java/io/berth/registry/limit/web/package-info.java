/** Limits that are asked about before an endpoint is. */
@NullMarked
package io.berth.registry.limit.web;

import org.jspecify.annotations.NullMarked;
