/**
 * The private HTTP contract between engine-service and image-service on one node: interfaces and records only.
 */
@NullMarked
package io.berth.node;

import org.jspecify.annotations.NullMarked;
