/**
 * Reports about a trained classifier: accuracy before and after packing, weights, scales, outputs and memory of each
 * layer, as text, as an HTML page, and as a chart of the training history.
 *
 * {@snippet class="io.bitlab.models.snippets.ReportSnippets" region="report"}
 */
package io.bitlab.models.report;
