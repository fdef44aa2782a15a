/**
 * Nodes by HTTP: {@code /api/nodes}.
 */
@NullMarked
package io.berth.gateway.node.web;

import org.jspecify.annotations.NullMarked;
