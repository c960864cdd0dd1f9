/**
 * What became of a model: accuracy before and after packing, weights, scales, activations and memory, as text and as a
 * page to look at.
 *
 * {@snippet :
 * ModelReport report = ModelReport.of(model, test, history);
 * System.out.println(report.toText());
 * report.writeHtml(Path.of("report.html"));
 * HistoryChart.writePng(history, Path.of("history.png"));
 * }
 */
package io.bitlab.models.report;
